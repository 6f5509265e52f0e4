"""Chart samples for the tests, and what becomes of them."""

from viscode.charts.rebuilt import rebuild_chart
from viscode.core.hashing import content_id
from viscode.core.outcomes import Kept
from viscode.core.records import Block, ChartSample, Origin
from viscode.settings.rebuild import RebuildSettings

SETTINGS = RebuildSettings(preview_rows=1)
CSV = "Year,Sales\n2019,12\n2020,14\n"
IMPORTS = "import pandas as pd\nimport matplotlib.pyplot as plt\n"
BODY = "    plt.plot(df['Year'])\n    return plt.gcf()\n"
CODE = f"{IMPORTS}\ndef generate_plot(df):\n{BODY}"


def chart(code: str = CODE, data: str = CSV, topic: str = "t") -> ChartSample:
    return ChartSample(
        id=content_id(code, data),
        source="charts",
        licence="odc-by",
        origin=Origin(kind="dataset", name="cosyn", locator="1"),
        figure_type="line",
        topic=topic,
        data_csv=data,
        code=code,
    )


def rebuilt(code: str = CODE, data: str = CSV, topic: str = "t") -> Block:
    result = rebuild_chart(chart(code, data, topic), SETTINGS)
    assert isinstance(result, Kept), result
    (block,) = result.records
    compile(block.code, "<block>", "exec")
    return block
