# Waits for what earlier runs have begun.
begin
