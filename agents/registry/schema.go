package registry

import _ "embed"

// ManifestSchema is the JSON Schema (draft 2020-12) of manifest.yaml, for editors
// and other programs. It knows every key the reader knows and refuses no manifest
// that the reader takes. The reader knows a little more: keys that look misspelt,
// regular expressions, names, lengths.
//
//go:embed manifest.schema.json
var ManifestSchema []byte
