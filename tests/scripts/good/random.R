# wps.des: id = demo.random, title = Random numbers, version = 2,
#   abstract = Draws from a uniform distribution;

# wps.in: lowest, double, Lowest value, No number is smaller, value = 0;
# wps.in: highest, double, Highest value, No number is larger, value = 1;
# wps.in: n, integer, How many numbers, value = 100;
# wps.in: seed, integer, value = 1;

# wps.off;
setwd("/tmp")
n <- 3
# wps.on;

set.seed(seed)
x <- runif(n, min = lowest, max = highest)

# wps.out: numbers, text, The numbers,
#   One number in each line;
numbers <- "numbers.txt"
write(x, numbers, ncolumns = 1)

# wps.out: average, double, Their mean;
average <- mean(x)
