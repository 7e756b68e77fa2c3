"""How Sphinx builds the site; `scripts/site.py` brings the pages of the rules and calls it."""

from flake8_asyncio import __version__

project = "flake8-asyncio"
copyright = "the flake8-asyncio authors"  # noqa: A001
version = release = __version__

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
suppress_warnings = ["misc.highlighting_failure"]  # some examples are wrong on purpose
highlight_language = "text"

html_theme = "furo"
html_title = "flake8-asyncio"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
pygments_style = "friendly"
pygments_dark_style = "monokai"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b6e4f", "color-brand-content": "#0b6e4f"},
    "dark_css_variables": {"color-brand-primary": "#5fd3a5", "color-brand-content": "#5fd3a5"},
}
