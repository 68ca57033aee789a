"""`argosy demo`: a whole pipeline on this machine, to look at and to play with."""

from __future__ import annotations

import asyncio
import shlex
import shutil
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import click
from platformdirs import user_data_path

from argosy.app.serve import Ready
from argosy.cli.context import Context, default_path, read, write
from argosy.cli.screen import has_colours, safe
from argosy.clock import Clock, SystemClock
from argosy.testing.demo.folder import Folder, last
from argosy.testing.demo.narrative import Line, Narrator, Tone
from argosy.testing.demo.show import PROJECT, Audience, Opening, show
from argosy.testing.demo.surroundings import Pushed, publish

CONTEXT = "demo"
_COLOURS = {Tone.GOOD: "green", Tone.BAD: "red", Tone.HINT: "cyan", Tone.PLAIN: None}
_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder that the demo keeps everything in.",
)


@click.group("demo", invoke_without_command=True)
@_data
@click.option(
    "--listen",
    metavar="HOST:PORT",
    default="",
    help="Address to serve on, such as 127.0.0.1:0; a free one when absent.",
)
@click.pass_context
def command(ctx: click.Context, data: Path | None, listen: str) -> None:
    """Show Argosy at work.

    Starts a Git repository, an image registry and a server with a pipeline of three Stages, tells what to try, and
    then what happens, until Ctrl-C. Started again, it goes on where it was.

    \b
    argosy demo                 start it
    argosy demo push 1.2.3      in another terminal: publish a new version
    """
    ctx.obj = data
    if ctx.invoked_subcommand is None:
        folder = Folder((data or user_data_path("argosy") / "demo").absolute())
        asyncio.run(_show(folder, listen))
        click.echo(f"\nThe demo has ended. {_near(folder.root)} keeps it; remove that folder to start afresh.")


@command.command("push")
@click.argument("version")
@_data
@click.pass_obj
def push(parent: Path | None, version: str, data: Path | None) -> None:
    """Publish VERSION, such as 1.2.3, in the registry of the running demo.

    Without --data it is the demo that was started last.
    """
    given = data or parent
    pushed = asyncio.run(publish(Folder(given.absolute()) if given else last(), version))
    for line in _consequences(pushed):
        click.echo(line)


def _consequences(pushed: Pushed) -> list[str]:
    told = f"Pushed {pushed.image}:{pushed.version} ({pushed.digest[:19]})."
    if not pushed.is_newest:
        return [told, f"Nothing will follow: the Warehouse takes the highest version, which is {pushed.newest}."]
    commands = Commands.of(read(default_path()).current)
    return [
        told,
        "The Warehouse finds it in a few seconds, and dev takes it; staging follows after 20 seconds, prod when told.",
        f"The demo's terminal shows it, and so does: {commands.argosy('get stages --watch')}",
    ]


async def _show(folder: Folder, listen: str) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def end(number: signal.Signals) -> None:
        # A second Ctrl-C is not waited upon.
        loop.remove_signal_handler(number)
        click.echo("\nEnding ...")
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end, number)
    clock = SystemClock()
    audience = Audience(narrator=_narrator, opening=_open, line=lambda line: _say(line, clock))
    await show(folder, clock, audience, stop, listen=listen)


def _narrator(ready: Ready) -> Narrator:
    """Makes the demo known to the command line, and a narrator that names commands which reach it.

    Another server that is current stays so: then every command in the demo names its context.
    """
    path = default_path()
    contexts = read(path)
    context = Context(name=CONTEXT, server=ready.url, ca=ready.ca.decode(), token=ready.token, project=PROJECT)
    known = contexts.with_context(context)
    write(path, known.model_copy(update={"current": contexts.current or CONTEXT}))
    commands = Commands.of(contexts.current or CONTEXT)
    return Narrator(commands.program, commands.options)


@dataclass(frozen=True, slots=True)
class Commands:
    """How to write commands that work if they are copied: the program as it can be found, the context if need be."""

    program: str
    options: str

    @classmethod
    def of(cls, current: str) -> Commands:
        options = f"--project {PROJECT}" if current == CONTEXT else f"--context {CONTEXT}"
        return cls(_program("argosy"), options)

    def argosy(self, words: str) -> str:
        return f"{self.program} {words} {self.options}"


def _program(name: str) -> str:
    """A program's name if the shell finds it, else its path beside this one."""
    beside = Path(sys.argv[0]).absolute().with_name(name)
    found = shutil.which(name)
    if not beside.exists() or (found and Path(found).samefile(beside)):
        return name
    return shlex.quote(_near(beside))


def _near(path: Path) -> str:
    """A path, from the current folder when it lies in it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _open(opening: Opening) -> None:
    commands = Commands.of(read(default_path()).current)
    folder = opening.folder
    repository, pipeline, kubeconfig = (
        shlex.quote(_near(path)) for path in (folder.repository, folder.pipeline, folder.kubeconfig)
    )
    click.echo(f"{_bold('Argosy is ready')} at {opening.ready.url}\n")
    for line in _PICTURE:
        click.echo(f"    {line}")
    _section("What there is")
    _table(
        ("web pages", f"{opening.ready.url}  (log in as admin with the password {opening.password})"),
        ("images", f"{opening.around.image}  (a registry of the demo's own)"),
        ("Git", f"{repository}  (main: configuration; stage/dev, stage/staging, stage/prod: what runs)"),
        ("pipeline", f"{pipeline}  (manifests as for Kargo)"),
    )
    _section("What to try, in another terminal")
    _table(
        ("a new version", f"{commands.program} demo push {opening.around.next_version}"),
        ("watch it move", commands.argosy("get stages --watch")),
        ("with kubectl", f"{_program('kubectl')} --kubeconfig {kubeconfig} get stages -n {PROJECT} -w"),
        ("into prod", commands.argosy("promote --stage prod --warehouse web --wait")),
        ("every commit", f"git -C {repository} log --oneline --graph --all"),
        ("the newest one", f"git -C {repository} show stage/dev"),
    )
    _section("What happens (Ctrl-C ends the demo)")
    for place in opening.places:
        _say(place, SystemClock())


_PICTURE = (
    "image ---.                 .-----.       .---------.       .------.",
    "          +-- Warehouse -->| dev |------>| staging |------>| prod |",
    "config --'                 '-----'       '---------'       '------'",
    "                           at once       after 20 s        by command",
)


def _section(title: str) -> None:
    click.echo(f"\n{_bold(title)}")


def _table(*rows: tuple[str, str]) -> None:
    width = max(len(name) for name, _ in rows) + 2
    for name, value in rows:
        click.echo(f"  {name.ljust(width)}{value}")


def _bold(text: str) -> str:
    return click.style(text, bold=True) if has_colours() else text


def _dim(text: str) -> str:
    return click.style(text, dim=True) if has_colours() else text


def _say(line: Line, clock: Clock) -> None:
    """One line: when, who, what; a command to type goes on a line of its own, where it can be copied whole."""
    when = clock.now().astimezone().strftime("%H:%M:%S")
    colour = _COLOURS[line.tone]
    text = click.style(safe(line.text), fg=colour) if colour and has_colours() else safe(line.text)
    click.echo(f"  {_dim(when)}  {line.who:<9} {text}")
    if line.command:
        click.echo(f"  {'':8}  {'':9} {safe(line.command)}")
