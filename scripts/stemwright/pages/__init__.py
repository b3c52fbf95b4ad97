"""Pages for people: HTML that opens from disk, without a server or a network.

`render` fills the templates in `templates/`, with the styles and scripts in `assets/` inlined. A page is plain data
first: the modules beside `render` make that data from records and from audio, and templates only lay it out.
"""
