"""Monthly yield of a roof with solar panels, against the estimate of its installer."""

import matplotlib.pyplot as plt
import numpy as np

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
ESTIMATE = np.array([120, 190, 360, 510, 610, 640, 650, 570, 410, 260, 140, 95])
MEASURED = np.array([98, 214, 371, 476, 655, 618, 689, 541, 437, 233, 151, 80])


def plot_yield(measured, estimate):
    fig, ax = plt.subplots(figsize=(9, 5))
    position = np.arange(len(MONTHS))
    ax.bar(position, measured, color="#f2b134", label="measured")
    ax.step(position, estimate, where="mid", color="#444444", label="estimate")
    ax.set_xticks(position, MONTHS)
    ax.set_ylabel("Yield in kWh")
    ax.set_title(f"{measured.sum():,} kWh in a year, {estimate.sum():,} expected")
    ax.legend(frameon=False)
    return fig


if __name__ == "__main__":
    plot_yield(MEASURED, ESTIMATE)
    plt.show()
