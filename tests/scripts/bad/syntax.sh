# wps.in: a, integer;
# wps.out: b, integer;
b=$((a + 1))
fi
