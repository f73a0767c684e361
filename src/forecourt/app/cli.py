"""The command line. Each command reads the settings, makes one call and prints what came of it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import quote
from uuid import UUID

import typer
from rich.table import Table

from forecourt.app.command_input import checked, tell
from forecourt.app.command_options import DataDirOption, OperatorOption, console, load_settings, say
from forecourt.app.database import database_for_command
from forecourt.app.process_commands import PROCESSES
from forecourt.app.settings import Settings
from forecourt.identity.actor import system_actor
from forecourt.identity.bootstrap import create_operator, find_operator
from forecourt.identity.permissions import Role
from forecourt.kit.database import Database, UnitOfWork
from forecourt.kit.errors import NotFound
from forecourt.simulator.cli import simulate_command

T = TypeVar("T")

app = typer.Typer(
    name="forecourt",
    help="Run an EV charging network: OCPP 1.6J, 2.0.1 and 2.1, sessions, prices, one API.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
user_app = typer.Typer(help="People who sign in.", no_args_is_help=True)
apikey_app = typer.Typer(help="Keys for machines.", no_args_is_help=True)
station_app = typer.Typer(help="Charging stations.", no_args_is_help=True)
token_app = typer.Typer(help="Id tokens: cards and apps of drivers.", no_args_is_help=True)
app.add_typer(user_app, name="user")
app.add_typer(apikey_app, name="apikey")
app.add_typer(station_app, name="station")
app.add_typer(token_app, name="token")


class UnknownOperator(NotFound):
    """There is no operator with that slug; `forecourt init` makes one."""


def in_transaction(
    settings: Settings, operator: str | None, work: Callable[[UnitOfWork, UUID], Awaitable[T]]
) -> T:
    """Run one use case in a transaction of an operator, beside a running server or alone."""

    async def run() -> T:
        slug = operator or settings.default_operator
        with database_for_command(settings) as opened:
            database = Database(opened.urls, pool_size=2, max_overflow=2)
            try:
                operator_id = await find_operator(database, slug)
                if operator_id is None:
                    raise UnknownOperator(
                        f"there is no operator {slug!r}: make it with `forecourt init --operator {slug}`"
                    )
                async with database.transaction(operator_id, actor=system_actor(operator_id, "cli")) as uow:
                    return await work(uow, operator_id)
            finally:
                await database.close()

    return asyncio.run(run())


@app.command()
def init(
    operator: Annotated[str, typer.Option(help="Slug of the first operator, used in addresses.")] = "default",
    name: Annotated[str, typer.Option(help="Its name, as people read it.")] = "My charging network",
    currency: Annotated[str, typer.Option(help="ISO 4217 code.")] = "EUR",
    time_zone: Annotated[str, typer.Option(help="IANA time zone of its locations by default.")] = "UTC",
    data_dir: DataDirOption = None,
) -> None:
    """Make the database and the first operator. Running it again changes nothing."""
    settings = load_settings(data_dir=data_dir)
    # Made now, so that every process of this data folder finds the same.
    settings.station_pepper, settings.secret_box()

    async def run() -> bool:
        with database_for_command(settings) as opened:
            database = Database(opened.urls, pool_size=2, max_overflow=2)
            try:
                if await find_operator(database, operator) is not None:
                    return False
                await create_operator(
                    database, slug=operator, name=name, currency=currency, time_zone=time_zone
                )
                return True
            finally:
                await database.close()

    made = asyncio.run(run())
    say(
        f"Operator {operator} is made." if made else f"Operator {operator} is there already; nothing changed."
    )
    flag = "" if operator == settings.default_operator else f" --operator {operator}"
    say(f"Next: forecourt user create YOU@EXAMPLE.ORG --role owner{flag}")


@app.command()
def migrate(data_dir: DataDirOption = None) -> None:
    """Bring the database to the current schema."""
    with database_for_command(load_settings(data_dir=data_dir)):
        console.print("The database is at the current schema.")


@user_app.command("create")
def user_create(
    email: Annotated[str, typer.Argument(help="Address that the person signs in with.")],
    role: Annotated[Role, typer.Option(help="What the person may do.")],
    name: Annotated[str, typer.Option(help="As others see it.")] = "",
    password: Annotated[str | None, typer.Option(help="Made up and printed once if it is left out.")] = None,
    operator: OperatorOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Let a person in."""
    from forecourt.identity.create_user import CreateUser, create_user
    from forecourt.identity.schemas import UserIn

    given = checked(UserIn, email=email, name=name.strip() or email.split("@")[0], role=role)
    command = CreateUser(email=given.email, name=given.name, role=role, password=password)
    created = in_transaction(
        load_settings(data_dir=data_dir), operator, lambda uow, _: create_user(command, uow=uow)
    )
    say(f"{email} may sign in as {role.value}.")
    if created.password:
        say(f"Password (shown once): {created.password}")


@apikey_app.command("create")
def apikey_create(
    name: Annotated[str, typer.Option(help="What the key is for.")],
    role: Annotated[Role, typer.Option(help="What the key may do.")] = Role.VIEWER,
    operator: OperatorOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Make a key for a machine and print it, once."""
    from forecourt.identity.create_key import CreateKey, create_key
    from forecourt.identity.schemas import KeyIn

    checked(KeyIn, name=name.strip())
    _, text = in_transaction(
        load_settings(data_dir=data_dir),
        operator,
        lambda uow, _: create_key(CreateKey(name=name, role=role), uow=uow),
    )
    typer.echo(text)


@station_app.command("add")
def station_add(
    identity: Annotated[str, typer.Argument(help="As the station calls itself: the end of its address.")],
    location: Annotated[
        str | None, typer.Option(help="Name of its location; one named 'Unassigned' is made if left out.")
    ] = None,
    password: Annotated[str | None, typer.Option(help="Made up and printed once if it is left out.")] = None,
    allow_plain: Annotated[
        bool,
        typer.Option("--allow-plain", help="Let it connect without a password, on a trusted network only."),
    ] = False,
    free_vend: Annotated[bool, typer.Option("--free-vend", help="Let everybody charge.")] = False,
    operator: OperatorOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Register a station before it connects and print its password, once."""
    from forecourt.app.add_station import add_station_at

    settings = load_settings(data_dir=data_dir)
    told = in_transaction(
        settings,
        operator,
        lambda uow, operator_id: add_station_at(
            uow,
            operator_id,
            identity=identity,
            location=location,
            password=password,
            allow_plain=allow_plain,
            free_vend=free_vend,
            pepper=settings.station_pepper,
        ),
    )
    path = f"{operator or settings.default_operator}/{quote(identity.strip(), safe='')}"
    say(f"Station {identity} may connect to ws://HOST:{settings.ocpp_port}/ocpp/{path}")
    if told is not None and password is None:
        say(f"Password (shown once): {told}")


@token_app.command("add")
def token_add(
    value: Annotated[
        str, typer.Argument(help="As the reader reads it; compared without case and separators.")
    ],
    type: Annotated[
        str, typer.Option(help="rfid, emaid, app, mac, central, or the operator's own.")
    ] = "rfid",
    operator: OperatorOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Let the holder of a token charge."""
    from forecourt.charging.manage_tokens import create_token
    from forecourt.charging.schemas import TokenIn

    given = checked(TokenIn, value=value.strip(), type=type.strip())
    in_transaction(
        load_settings(data_dir=data_dir),
        operator,
        lambda uow, _: create_token(uow, value=given.value, type=given.type),
    )
    say(f"Token {value} may charge.")


@app.command("settings")
def list_settings() -> None:
    """List every setting, its environment variable and its value."""
    settings = load_settings()
    table = Table("variable", "value", "meaning", box=None, padding=(0, 2))
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        shown = (
            "(set)"
            if name in {"pepper", "secret_key", "smtp_url", "database_url", "nats_url"} and value
            else ""
            if value is None
            else str(value)
        )
        table.add_row(f"FORECOURT_{name.upper()}", shown, field.description or "")
    console.print(table)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it.")], data_dir: DataDirOption = None
) -> None:
    """Write a consistent backup of the database, also while Forecourt serves."""
    from forecourt.app.backup import back_up

    with database_for_command(load_settings(data_dir=data_dir)) as opened:
        size = back_up(opened, file)
    say(f"{file}: {size / 1e6:.1f} MB. Keep the folder `secrets` of the data folder with it.")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `forecourt backup` wrote.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a database that is not empty.")] = False,
    data_dir: DataDirOption = None,
) -> None:
    """Replace the database by a backup, all or nothing."""
    from forecourt.app.backup import restore as restore_backup

    with database_for_command(load_settings(data_dir=data_dir)) as opened:
        restore_backup(opened, file, force=force)
    say(f"The database is that of {file}.")


@app.command()
def upgrade(data_dir: DataDirOption = None) -> None:
    """Carry the embedded database to the current major version of PostgreSQL."""
    from forecourt.app.upgrade import upgrade_cluster

    kept = upgrade_cluster(load_settings(data_dir=data_dir))
    console.print(f"Done. The old database is kept in {kept}; remove it when the new one has proved itself.")


@app.command()
def doctor(data_dir: DataDirOption = None) -> None:
    """Look for what keeps Forecourt from working, and say what to do. Fails if there is a problem."""
    from forecourt.app.doctor import examine

    findings = asyncio.run(examine(load_settings(data_dir=data_dir)))
    marks = {
        "ok": "[green]ok[/green]",
        "warning": "[yellow]warning[/yellow]",
        "problem": "[red]problem[/red]",
    }
    table = Table(box=None, padding=(0, 2), show_header=False)
    for finding in findings:
        table.add_row(marks[finding.verdict], finding.subject, finding.text)
    console.print(table)
    if any(finding.verdict == "problem" for finding in findings):
        raise typer.Exit(1)


for command in PROCESSES:
    app.command()(command)
app.command("simulate")(simulate_command)


def main() -> None:
    """Entry point: known errors are one line and exit code 1, unknown ones a traceback."""
    try:
        app(prog_name="forecourt")
    except Exception as error:
        if not tell(error):
            raise
        sys.exit(1)
