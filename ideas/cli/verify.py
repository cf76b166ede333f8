"""`ideas verify`."""

import click

from ideas.cli.main import FAILED
from ideas.cli.running import application
from ideas.core.db import transaction
from ideas.transfer.verifying import Findings, repair_totals
from ideas.transfer.verifying import verify as find_differences


@click.command()
@click.option("--repair", is_flag=True, help="Set wrong totals right. The ledger and rights are never changed.")
@click.pass_context
def verify(ctx: click.Context, *, repair: bool) -> None:
    """Count every stored total anew, check the ledger and the ground of every right; exit with 1 where one differs."""
    with application():
        findings = find_differences()
        tell(findings)
        if repair and findings.totals:
            with transaction():
                repair_totals()
            findings = find_differences()
            click.echo("Totals were set right." if not findings.totals else "Some totals still differ:")
            tell(Findings(findings.totals, []))
    if findings:
        ctx.exit(FAILED)
    click.echo("All totals, the ledger and all rights are as they should be.")


def tell(findings: Findings) -> None:
    """List what differs."""
    for difference in findings.totals:
        click.echo(str(difference))
    for sentence in findings.ledger:
        click.echo(f"ledger: {sentence}")
    for sentence in findings.rights:
        click.echo(f"right without a ground: {sentence}")
