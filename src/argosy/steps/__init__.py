"""Acts: promotion steps, one file each; `base` holds the contract and the catalogue."""
