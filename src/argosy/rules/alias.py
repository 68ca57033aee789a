"""Aliases: names for Freight that people can say and remember."""

from __future__ import annotations

from random import Random

_FIRST = (
    "able amber ample azure bold brave breezy bright brisk bronze calm candid clear clever copper coral cosmic "
    "crisp daring deft eager early fair famed fast fine fleet fond frank fresh gallant gentle gilded glad golden "
    "grand happy hardy hazel honest humble ivory jaunty jolly keen kind lively loyal lucid lucky lunar mellow merry "
    "mighty mild modest neat nimble noble northern olive opal patient placid plucky polar proud quick quiet rapid "
    "ready robust rosy royal ruby rustic sage scarlet serene sharp silent silver sincere sleek smart solar solid "
    "southern spry steady sturdy sunny swift tidal tidy topaz tranquil trim trusty upright valiant velvet vivid "
    "warm western wise witty young "
)
_SECOND = (
    "albatross anchor anchovy auk barge beacon beluga bosun bowsprit brig buoy caravel cask clam clipper coast cod "
    "compass conch coracle cormorant crab current cutter dhow dolphin dory drifter eel estuary fathom ferry fjord "
    "frigate gale galleon gannet gull halyard harbor harpoon heron herring hull inlet island jetty jib junk kayak "
    "keel kelp ketch lagoon lantern lighthouse lobster lugger mackerel mainsail manatee marina marlin mast mussel "
    "narwhal nautilus octopus oyster packet pelican penguin petrel pilot porpoise puffin quay raft reef rigging "
    "rudder sailor salmon schooner seal sextant shoal skiff skipper sloop spinnaker squid starfish swell tanker "
    "tern tide tiller trawler tuna turtle walrus wave wharf whale wherry yacht yawl "
)


def alias(random: Random) -> str:
    """Two words and a hyphen, such as `nimble-heron`; about 14,000 of them."""
    return f"{random.choice(_FIRST.split())}-{random.choice(_SECOND.split())}"
