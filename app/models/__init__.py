"""The portal's tables, one aggregate a file. Rules live in `domain`, writes in `flows`."""
