import click


@click.command()
@click.argument("name")
def main(name: str) -> None:
    click.echo(f"hello {name}")
