"""How people come to work, year by year, as an interactive area chart."""

import pandas as pd
import plotly.express as px

YEARS = list(range(2016, 2024))
SHARES = {
    "car": [58, 57, 55, 54, 49, 48, 46, 45],
    "train": [22, 22, 23, 24, 17, 19, 22, 24],
    "bicycle": [12, 13, 14, 15, 22, 21, 21, 21],
    "on foot": [8, 8, 8, 7, 12, 12, 11, 10],
}
frame = pd.DataFrame({"year": YEARS, **SHARES}).melt("year", var_name="by", value_name="share")
figure = px.area(frame, x="year", y="share", color="by", title="Way to work, in percent")
figure.update_layout(yaxis_range=[0, 100], legend_title_text="")
figure
