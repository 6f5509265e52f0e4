"""What the screen finds, what it leaves alone, and that the code stays code.

The secrets are made up, and written in two halves so that no scanner takes this file for a leak.
"""

import ast
import time

import pytest

from viscode.extract.screen import SecretKind, screen

WORD = "Zq3vT8xKp1LmW9bRc5Yd"
FOUND: dict[SecretKind, dict[str, str]] = {
    SecretKind.AWS_KEY: {
        f"k = 'AKI{'A'}IOSFODNN7EXAMPLE'": "k = 'REDACTED_AWS_KEY'",
        f"k = '\\nASI{'A'}IOSFODNN7EXAMPLE'": "k = '\\nREDACTED_AWS_KEY'",
    },
    SecretKind.GITHUB_TOKEN: {
        f"# gh{'p'}_{WORD}{WORD}\nx = 1": "# REDACTED_GITHUB_TOKEN\nx = 1",
        f"f('github_{'pat'}_{WORD}{WORD}')": "f('REDACTED_GITHUB_TOKEN')",
    },
    SecretKind.MODEL_KEY: {
        f"k = 's{'k'}-{WORD}'": "k = 'REDACTED_KEY'",
        f"k = b's{'k'}-proj-{WORD}_{WORD}-a'": "k = b'REDACTED_KEY'",
        f"k = r's{'k'}-ant-api03-{WORD}'": "k = r'REDACTED_KEY'",
    },
    SecretKind.PAYMENT_KEY: {f"k = 'sk_{'live'}_{WORD}'": "k = 'REDACTED_KEY'"},
    SecretKind.SLACK_TOKEN: {
        f"k = 'xox{'b'}-123456789012-{WORD}'": "k = 'REDACTED_SLACK_TOKEN'",
        f"u = 'https://hooks.slack.com/{'services'}/T00000000/B00000000/{WORD}'": (
            "u = 'https://hooks.slack.com/services/REDACTED_SLACK_TOKEN'"
        ),
    },
    SecretKind.GOOGLE_KEY: {
        f"u = f'https://a.b/?key=AI{'za'}{WORD}_{WORD[:14]}&x={{x}}'": (
            "u = f'https://a.b/?key=REDACTED_GOOGLE_KEY&x={x}'"
        ),
        f"k = 'ya{'29'}.{WORD}'": "k = 'REDACTED_GOOGLE_KEY'",
    },
    SecretKind.HUGGINGFACE_TOKEN: {f"k = 'h{'f'}_{WORD}{WORD[:14]}'": "k = 'REDACTED_HF_TOKEN'"},
    SecretKind.MAPBOX_TOKEN: {
        f"t = 'p{'k'}.eyJ1Ijoi{WORD}.{WORD}-a'": "t = 'REDACTED_MAPBOX_TOKEN'",
        f"t = 's{'k'}.eyJ1Ijoi{WORD}.{WORD}'": "t = 'REDACTED_MAPBOX_TOKEN'",
    },
    SecretKind.JWT: {
        f"t = 'ey{'J'}hbGciOiJIUzI1NiJ9.eyJ{WORD}.{WORD}'": "t = 'REDACTED_JWT'",
    },
    SecretKind.URL_PASSWORD: {
        "u = 'postgres://jane:hunter2@db.host.io/x'": (
            "u = 'postgres://REDACTED_USER:REDACTED_PASSWORD@db.host.io/x'"
        ),
    },
    SecretKind.ASSIGNED: {
        f"password = 'hunter-two-{'x'}'": "password = 'REDACTED_SECRET'",
        f"DB_PASSWORD: str = '{WORD}'": "DB_PASSWORD: str = 'REDACTED_SECRET'",
        f"f(api_key='{WORD}', x=1)": "f(api_key='REDACTED_SECRET', x=1)",
        f"d = {{'token': b\"{WORD}\"}}": "d = {'token': b\"REDACTED_SECRET\"}",
        f"environ['CLIENT_SECRET'] = '{WORD}'": "environ['CLIENT_SECRET'] = 'REDACTED_SECRET'",
        f"environ.get('API_TOKEN', '{WORD}')": "environ.get('API_TOKEN', 'REDACTED_SECRET')",
        f'secret = """{WORD}"""': 'secret = """REDACTED_SECRET"""',
        f'password = "it\'s-{WORD}"': 'password = "REDACTED_SECRET"',
        f"py.sign_in('jane', '{WORD[:10]}')": "py.sign_in('jane', 'REDACTED_SECRET')",
        f"u = 'https://a.b/?x=1&appid={WORD}&y=2'": (
            "u = 'https://a.b/?x=1&appid=REDACTED_SECRET&y=2'"
        ),
        f"h = {{'Authorization': 'Bearer {WORD}'}}": (
            "h = {'Authorization': 'Bearer REDACTED_SECRET'}"
        ),
    },
    SecretKind.EMAIL: {
        "# Jane <jane.doe+x@uni.ac.uk>": "# Jane <name@example.com>",
        "a = 'jane@some-host.org.'": "a = 'name@example.com.'",
        "a = '\\njane@host.org'": "a = '\\nname@example.com'",
        '"""Doc.\n\nWrite to "jane@host.org".\n"""': '"""Doc.\n\nWrite to "name@example.com".\n"""',
    },
    SecretKind.IPV4: {
        "h = 'http://10.1.2.3:8080/'": "h = 'http://192.0.2.1:8080/'",
        "# seen at 84.17.3.250.": "# seen at 192.0.2.1.",
    },
    SecretKind.IPV6: {
        "h = '2a00:1450:4001:82f::200e'": "h = '2001:db8::1'",
        "h = 'http://[fe80::1]:80/'": "h = 'http://[2001:db8::1]:80/'",
        "h = '2a00:1450:4001:82f:0:0:0:200e'": "h = '2001:db8::1'",
    },
    SecretKind.PRIVATE_KEY: {
        f"k = '''-----BEGIN RSA {'PRIVATE'} KEY-----\n{WORD}/+\n{WORD}==\n"
        f"-----END RSA {'PRIVATE'} KEY-----'''": (
            "k = '''-----BEGIN RSA PRIVATE KEY-----\nREDACTED_KEY\nREDACTED_KEY\n"
            "-----END RSA PRIVATE KEY-----'''"
        ),
        f"k = ('-----BEGIN {'PRIVATE'} KEY-----\\n'\n     '{WORD}\\n{WORD}\\n'\n"
        f"     '-----END {'PRIVATE'} KEY-----')": (
            "k = ('-----BEGIN PRIVATE KEY-----\\n'\n     'REDACTED_KEY\\nREDACTED_KEY\\n'\n"
            "     '-----END PRIVATE KEY-----')"
        ),
        f"k = '-----BEGIN {'PRIVATE'} KEY-----\\n{WORD}'": (
            "k = '-----BEGIN PRIVATE KEY-----\\nREDACTED_KEY'"
        ),
    },
}
CASES = [(kind, code, want) for kind, codes in FOUND.items() for code, want in codes.items()]

HARMLESS = {
    "versions": "import matplotlib\nassert matplotlib.__version__ == '3.8.0'  # needs 1.2.3",
    "four-part version": "version = '1.2.3.4'\n# pillow>=9.1.0.2, release 2.0.0.1, section 8.4.3.5",
    "floats": "x = [1.2, 3.4, 1.2e-5, .5, 10.0]\ny = 1.0, 2.0, 3.0, 4.0",
    "hex colours": "plt.plot(x, color='#1f77b4', ec='#aabbccdd')\nc = 0xDEADBEEF",
    "local addresses": "h = ['127.0.0.1', '0.0.0.0', '::1', '::', '255.255.255.0', '127.0.1.1']",
    "addresses for documentation": "h = ['192.0.2.1', '2001:db8::7', 'me@example.com', 'a@b.test']",
    "no address": "h = ['300.1.2.3', '1.2.3', '1.2.3.4.5', '12:30:45', 'a1:b2:c3:d4:e5:f6']",
    "matrix multiplication": "y = A@B.mean(axis=0)\nz = u@v.real + w@x.real",
    "matrix multiplication in a string": "print(f'{A@B.mean():.2f}')",
    "reStructuredText": "# That would be::\n# and add::\nx = 'std::vector'",
    "url of a token": "TOKEN_URL = 'https://www.a.com/oauth2/v4/token'",
    "slices": "a = x[1::2]\nb = x[10:20:2]  # every second of x[::2], x[1::2]",
    "decorators": "@app.route\ndef f(): pass  # @pytest.mark.slow",
    "retina image": "icon = 'logo@2x.png'",
    "labels that name secrets": "plt.title('Password strength')\nsecret = 'Tokens per word'",
    "no variety": "token = 'xxxxxxxxxxx1'",
    "marker of a key alone": "m = '-----BEGIN PRIVATE KEY-----'\ny = x +averylongnameofavariable",
    "short or plain values": "token = '#'\npassword = ''\napi_key = 'YOUR_API_KEY'\npwd = 'here'",
    "from elsewhere": "token = os.environ['TOKEN']\npassword = getpass()\nkey = f'{a}{b}'",
    "tokenizer": "tokenizer = 'distilbert-base-uncased-v2'",
    "templates": "u = f'postgres://{user}:{password}@{host}/db'",
    "style sheet": "css = '#sk-container-id div.sk-toggleable__content-arrow'",
    "urls": "u = 'https://a.b.com:8080/x?y=1&z=2'\nv = 'https://x.y/@me'",
    "inside a word": "risk = 'risk-management-of-2020-portfolios'",
    "hashes and data": "h = 'd41d8cd98f00b204e9800998ecf8427e'\nb = 'AAAABBBBCCCCDDDD'",
}


@pytest.mark.parametrize(("kind", "code", "want"), CASES, ids=[c[1][:40] for c in CASES])
def test_a_secret_gives_way_to_a_placeholder(kind: SecretKind, code: str, want: str) -> None:
    screened = screen(code)
    assert (screened.text, dict(screened.found)) == (want, {kind: 1})
    assert ast.dump(_without_values(code)) == ast.dump(_without_values(screened.text))
    assert not screen(screened.text).found


def _without_values(code: str) -> ast.Module:
    """The tree with the value of every constant replaced by its type."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            node.value = type(node.value).__name__
    return tree


def test_every_kind_is_tested() -> None:
    assert set(FOUND) == set(SecretKind)


@pytest.mark.parametrize("code", HARMLESS.values(), ids=HARMLESS)
def test_harmless_code_is_left_alone(code: str) -> None:
    screened = screen(code)
    assert screened.text == code
    assert not screened.found


def test_all_kinds_in_one_text_are_counted() -> None:
    codes = [code for codes in FOUND.values() for code in codes]
    screened = screen("\n".join(codes))
    assert screened.found == {kind: len(codes) for kind, codes in FOUND.items()}
    ast.parse(screened.text)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "filler",
    [
        *["a", " ", "\n", "'", '"', '"""', '\\"', "#", "1.", "1.2.3.4 ", "a.", "a@", "@a."],
        *["a@b.c@", "x.y@z.com ", "::", "1:2:3 ", "'1::2a',", "://a:", "eyJ", "eyJa-", "sk-"],
        *['token="', "token='", "password_", "&key=", "bearer a", "-----BEGIN PRIVATE KEY-----"],
        *["-----BEGIN PRIVATE KEY-----'" + "A" * 64, "token = 'Zq3vT8xKp1' ", "xoxb-1"],
    ],
)
def test_long_texts_take_no_time(filler: str) -> None:
    begin = time.process_time()
    screen(filler * (300_000 // len(filler)))
    assert time.process_time() - begin < 5  # seconds; linear takes under one
