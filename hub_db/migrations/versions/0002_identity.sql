-- Identity: OPDs and their systems, people, roles, delegates, sessions, service tokens.
select 1;
