-- What reads a whole table for each search is quick in a small school, and not where each of twenty thousand students has an account.

-- As `fold` folds what is searched: no case, no accents, nothing above or below letters of any script. A database of the locale C lowers only A to Z, so
-- that Greek, Cyrillic and Armenian letters are named.
alter table users add column search_text text not null generated always as (
  replace(replace(replace(replace(translate(lower(regexp_replace(normalize(display_name || ' ' || email, NFKD),
    '[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0900-\u0903\u093a-\u093c\u093e-\u094f\u0981-\u0983\u09bc\u09be-\u09cd\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe00-\ufe0f\ufe20-\ufe2f]',
    '', 'g')),
    'ØøŁłĐđÐðıÆŒÞẞΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩЂЄЅІЈЉЊЋЏАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖ',
    'oollddddiæœþßαβγδεζηθικλμνξοπρστυφχψωђєѕіјљњћџабвгдежзиклмнопрстуфхцчшщъыьэюяաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ'),
    'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')
) stored;
comment on column users.search_text is 'Name and address folded for search.';
create index users_search on users using gin (search_text gin_trgm_ops);

-- People of the entered school whose name and address have every word, deleted ones too. Planned with its words, so that the index is used; LIKE after the
-- condition of a policy would read everybody.
create function search_users(words text[])
  returns table (id uuid)
  language plpgsql stable rows 20 security definer set search_path = public, pg_temp
  as $$
declare
  patterns text[] := array(select '%' || word || '%' from unnest(words) as word);
  wanted text := 'select users.id from users where school_id is not distinct from current_school()';
begin
  for at in 1 .. coalesce(array_length(patterns, 1), 0) loop
    wanted := wanted || format(' and search_text like $1[%s]', at);
  end loop;
  return query execute wanted using patterns;
end $$;
grant create on schema public to gatehouse_definer;
revoke all on function search_users(text[]) from public;
grant execute on function search_users(text[]) to gatehouse_app;
alter function search_users(text[]) owner to gatehouse_definer;
revoke create on schema public from gatehouse_definer;

-- Who are taken for few are found first. Taken for a thousand, a list was walked in its order, and each row looked up among all who were found.
alter function search_students(text[], integer) rows 20;

-- The log is searched in its notes, which few rows have.
create index audit_log_noted on audit_log (school_id, at desc, id desc) where note is not null;
-- An id says what it is the id of.
drop index audit_log_subject;
create index audit_log_subject on audit_log (school_id, subject_id, at desc);
