"""How both services keep things: engine, unit of work, column types, sealed values. No table of either service's own aggregates."""
