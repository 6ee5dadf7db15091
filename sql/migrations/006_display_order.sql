-- Locations in the order in which pages show them, so that a read of all their
-- days comes out in order and nothing of it has to be sorted in memory.
CREATE INDEX idx_locations_display ON locations (display_name);
