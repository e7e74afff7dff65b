"""Pure rules: standard library only, no Flask, no tables, no clock."""
