-- The highest version of the cloud's configuration that was taken, beside the configuration itself: a file that was put back, or lost, does
-- not bring back an older one that the network kept.
create table configuration_mark (one integer primary key check (one = 1), version integer not null) strict;

insert into configuration_mark values (1, 0);
