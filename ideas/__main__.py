"""`python -m ideas`: the same as the `ideas` command."""

try:
    from ideas.cli.main import cli
except KeyboardInterrupt:
    # Stopped while still starting, as a worker is when the server ends early: nothing to tell.
    raise SystemExit(130) from None

if __name__ == "__main__":
    cli(prog_name="ideas")
