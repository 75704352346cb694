// Apache Avro's own verdict on each pair of a file: [{"reader": …, "writer": …}, …] → one JSON list of words on stdout.
// Run by Rhino, as the bundled Java runtime has no compiler.
var avro = Packages.org.apache.avro;
var bytes = java.nio.file.Files.readAllBytes(java.nio.file.Paths.get(arguments[0]));
var pairs = JSON.parse(String(new java.lang.String(bytes, "UTF-8")));

function verdict(pair) {
  var reader, writer;
  try {
    // A parser for each: one would take a name that comes again for a second definition.
    reader = new avro.Schema.Parser().parse(JSON.stringify(pair.reader));
    writer = new avro.Schema.Parser().parse(JSON.stringify(pair.writer));
  } catch (error) {
    return "no schema: " + error;
  }
  return String(avro.SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType());
}

print(JSON.stringify(pairs.map(verdict)));
