"""What commands share: their options, the settings they make of them, and how they speak."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console

from forecourt.app.settings import Settings

console = Console()

OperatorOption = Annotated[
    str | None, typer.Option("--operator", help="Slug of the operator; the default one if it is left out.")
]
DataDirOption = Annotated[Path | None, typer.Option("--data-dir", help="Data folder (FORECOURT_DATA_DIR).")]
HostOption = Annotated[str | None, typer.Option(help="Address for HTTP (FORECOURT_HOST).")]
HttpPortOption = Annotated[
    int | None, typer.Option(help="Port of the API and the screens (FORECOURT_HTTP_PORT).")
]
HealthPortOption = Annotated[
    int | None, typer.Option(help="Port of health and metrics, closed if left out (FORECOURT_HEALTH_PORT).")
]
OcppPortOption = Annotated[
    int | None, typer.Option(help="Port that stations connect to (FORECOURT_OCPP_PORT).")
]
OcppTlsPortOption = Annotated[
    int | None, typer.Option(help="Port for wss, open with certificates (FORECOURT_OCPP_TLS_PORT).")
]


def say(text: str) -> None:
    """Print a line as it is: names are not markup, and a line that is copied from is not wrapped."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def load_settings(**changes: Any) -> Settings:
    """Settings from the environment, changed by the flags that were given."""
    try:
        return Settings(**{name: value for name, value in changes.items() if value is not None})
    except ValidationError as error:
        for problem in error.errors():
            name = "FORECOURT_" + "_".join(str(part) for part in problem["loc"]).upper()
            typer.secho(f"{name}: {problem['msg']} (it is {problem['input']!r})", fg="red", err=True)
        raise typer.Exit(2) from None
