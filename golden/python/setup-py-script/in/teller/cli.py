import click

from teller import __version__


@click.command()
def main():
    click.echo(f"told {__version__}")
