"""`argosy completion`: teach a shell the commands and their options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from argosy.errors import Permanent


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script for a shell.

    \b
    bash:  eval "$(argosy completion bash)"                               in ~/.bashrc
    zsh:   eval "$(argosy completion zsh)"                                in ~/.zshrc
    fish:  argosy completion fish > ~/.config/fish/completions/argosy.fish
    """
    writer = get_completion_class(shell)
    if writer is None:
        raise Permanent(f"there is no completion for {shell}")
    click.echo(writer(ctx.find_root().command, {}, "argosy", "_ARGOSY_COMPLETE").source())
