"""The app's verbs for programs, of which `gradio_client` and MCP clients are told; docs/api.md describes them."""
