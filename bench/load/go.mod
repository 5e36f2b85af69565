module portico.bench/load

go 1.22
