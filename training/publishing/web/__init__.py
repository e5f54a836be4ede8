"""The page without a server: networks as ONNX graphs, and the folder that any host of files can show."""
