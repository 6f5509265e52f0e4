"""The same wave as a surface in space and as its projection on the floor."""

import matplotlib.pyplot as plt
import numpy as np
from mpl_toolkits.mplot3d import Axes3D

angle = np.linspace(-np.pi, np.pi, 80)
x, y = np.meshgrid(angle, angle)
z = np.cos(x) * np.sin(y / 2)

figure = plt.figure(figsize=(7, 6))
space = Axes3D(figure, auto_add_to_figure=False)
figure.add_axes(space)
space.plot_surface(x, y, z, cmap="viridis", rstride=4, cstride=4, alpha=0.9)
space.contourf(x, y, z, zdir="z", offset=-1.5, cmap="viridis", alpha=0.5)
space.set_zlim(-1.5, 1)
space.set_title("A wave and its shadow")
plt.show()
