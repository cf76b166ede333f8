"""`python -m ideas`: the same as the `ideas` command."""

from ideas.cli.main import cli

if __name__ == "__main__":
    cli(prog_name="ideas")
