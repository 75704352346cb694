// Registers a schema, encodes with it, decodes again; fetches a schema by the id that another client made.
// node round_trip.js <url> <user> <password> <subject> <framed value of another client, base64>; prints one JSON object.
const { SchemaRegistry, SchemaType } = require('@kafkajs/confluent-schema-registry')

const [url, username, password, subject, foreign] = process.argv.slice(2)
const registry = new SchemaRegistry({ host: url, auth: { username, password } })
const schema = {
  type: 'record',
  name: 'visit',
  namespace: 'id.go.contoh',
  fields: [
    { name: 'place', type: 'string' },
    { name: 'count', type: 'int', default: 0 },
  ],
}

async function main() {
  const { id } = await registry.register({ type: SchemaType.AVRO, schema: JSON.stringify(schema) }, { subject })
  const encoded = await registry.encode(id, { place: 'Balai Desa', count: 3 })
  const decoded = await registry.decode(encoded)
  const latest = await registry.getLatestSchemaId(subject)
  const found = await registry.getRegistryIdBySchema(subject, { type: SchemaType.AVRO, schema: JSON.stringify(schema) })
  const theirs = await registry.decode(Buffer.from(foreign, 'base64'))
  console.log(JSON.stringify({ id, latest, found, decoded, theirs, encoded: encoded.toString('base64') }))
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
