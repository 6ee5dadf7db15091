-- Each change of a day writes an entry of the journal, and each index one more
-- page with it: five were half of what a change writes. Days are most of the
-- journal, so that a walk from its end soon meets them; what is rare among
-- them keeps an index that days do not touch.
DROP INDEX idx_journal_actor;
DROP INDEX idx_journal_op;
DROP INDEX idx_journal_tbl;
DROP INDEX idx_journal_kind;
CREATE INDEX idx_journal_rare ON journal (tbl, id) WHERE tbl <> 'daily_usage';
