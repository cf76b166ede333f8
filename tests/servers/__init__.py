"""Programs that tests need beside Python: database and key-value server, browser, and the application itself."""
