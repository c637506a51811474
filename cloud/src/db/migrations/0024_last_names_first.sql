-- What a student is searched by begins with the last name, in which lists are ordered and by which people are looked up. Of a beginning that thousands
-- share, the first thousand are read from an index in that order, where all of them were read to sort them.
-- The owner is held to the policies too; for one look at what is there they rest until the transaction ends.
alter table students no force row level security;
-- Words of the first name, and behind them those up to the student number, change places. Folding leaves blanks where they are.
update students set search_text = ' ' || array_to_string(words[firsts + 1 : firsts + lasts] || words[1 : firsts] || words[firsts + lasts + 1 :], ' ')
  from (select school_id as of_school, id as of_id, regexp_split_to_array(btrim(search_text), '\s+') as words,
      array_length(regexp_split_to_array(btrim(first_name), '\s+'), 1) as firsts,
      case when btrim(last_name) = '' then 0 else array_length(regexp_split_to_array(btrim(last_name), '\s+'), 1) end as lasts
    from students where search_text <> '') as read
  where school_id = of_school and id = of_id;
alter table students force row level security;
comment on column students.search_text is 'Names, last name first, number and e-mail folded for search: no case, no accents, a blank before each word.';
create index students_last_name on students (school_id, search_text text_pattern_ops) where archived_at is null;

drop function search_students(text[]);

-- Students who have every word, living and archived. A word of one or two Latin letters is the beginning of a word: three letters are what a trigram has.
-- With a limit: living ones only, of one word those first whose last name begins with it; a limit that is reached says that there may be more.
-- Planned with its words, so that the indexes are used.
create function search_students(words text[], at_most integer default null)
  returns table (id uuid)
  language plpgsql stable security definer set search_path = public, pg_temp
  as $$
declare
  patterns text[] := array(select case when word ~ '^[a-z0-9@._-]{1,2}$' then '% ' else '%' end || word || '%' from unnest(words) as word);
  wanted text := 'select students.id from students where school_id = current_school()';
  by_last_name uuid[] := '{}';
begin
  for at in 1 .. coalesce(array_length(patterns, 1), 0) loop
    wanted := wanted || format(' and search_text like $1[%s]', at);
  end loop;
  if at_most is null then
    return query execute wanted using patterns;
    return;
  end if;
  wanted := wanted || ' and archived_at is null';
  if array_length(words, 1) = 1 then
    execute format('select array(select students.id from students where school_id = current_school() and archived_at is null
      and search_text like %L order by search_text using ~<~ limit $1)', ' ' || words[1] || '%') into by_last_name using at_most;
    return query select unnest(by_last_name);
  end if;
  if cardinality(by_last_name) < at_most then
    return query execute wanted || ' and students.id <> all($2) limit $3' using patterns, by_last_name, at_most - cardinality(by_last_name);
  end if;
end $$;
grant create on schema public to gatehouse_definer;
revoke all on function search_students(text[], integer) from public;
grant execute on function search_students(text[], integer) to gatehouse_app;
alter function search_students(text[], integer) owner to gatehouse_definer;
revoke create on schema public from gatehouse_definer;
