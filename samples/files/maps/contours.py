"""Height lines of an invented island with its two summits marked."""

import numpy as np
from matplotlib import pyplot as plt

x, y = np.meshgrid(np.linspace(-3, 3, 240), np.linspace(-2, 2, 160))
height = 820 * np.exp(-((x + 1) ** 2) - (y - 0.3) ** 2) + 610 * np.exp(
    -((x - 1.3) ** 2) / 0.8 - (y + 0.4) ** 2 / 0.5
)

figure, axes = plt.subplots(figsize=(8, 5))
filled = axes.contourf(x, y, height, levels=12, cmap="terrain")
lines = axes.contour(x, y, height, levels=[100, 300, 500, 700], colors="black", linewidths=0.7)
axes.clabel(lines, fmt="%d m", fontsize=8)
axes.plot([-1, 1.3], [0.3, -0.4], "k^", markersize=8)
figure.colorbar(filled, ax=axes, label="Height in m")
axes.set_aspect("equal")
axes.set_title("Two summits")
plt.show()
