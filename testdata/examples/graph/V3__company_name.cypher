CREATE INDEX company_name FOR (c:Company) ON (c.name);
