"""From a finished run to a published checkpoint: card, tables, bundle and Hub."""
