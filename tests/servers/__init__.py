"""The programs that tests need beside Python: database server, key-value server, browser, and the application itself."""
