"""How both services keep things: engine, unit of work, column types, sealed values. No table of one service."""
