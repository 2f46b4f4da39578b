# wps.des: id = CARS, title = Cars, abstract = Draws the stopping distance of cars over their speed;

# wps.in: id = graphName, type = string, title = Name of the graph, abstract = Stands above the plot., value = Autos;
graphName <- "Autos"

# wps.out: id = plot_file, type = png, title = Plot, abstract = Stopping distance over speed with a smooth curve.;
plot_file <- "result.png"

# Ezekiel's measurements of the 1920s, which come with R. Cairo draws without a display.
renderer <- if (capabilities("cairo")) "cairo" else getOption("bitmapType")
png(plot_file, width = 800, height = 600, res = 110, type = renderer)
plot(cars$speed * 1.609344, cars$dist * 0.3048,
     xlab = "Speed (km/h)", ylab = "Stopping distance (m)", main = graphName,
     pch = 19, col = "steelblue", las = 1)
grid()
lines(lowess(cars$speed * 1.609344, cars$dist * 0.3048), col = "firebrick", lwd = 2)
invisible(dev.off())
