"""app wires: the one room where all others meet.

`tools` makes what steps and sources use of the outside world, `system` the store and the controllers around them,
`serve` the network. Nothing here decides anything.
"""
