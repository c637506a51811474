-- How far the list had come, beside the list itself: of the two the higher counts, so that a list's folder that was put back does not
-- put back what it may be measured by. JSON; null before the first list.
create table list_state (one integer primary key check (one = 1), state text) strict;

insert into list_state values (1, null);
