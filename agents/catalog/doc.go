// Package catalog offers tmates that others publish: it reads an index somebody
// keeps elsewhere, fetches the bundles it names, and keeps both on the disk, so
// that everything works with the network gone. It also makes and installs
// bundles.
//
// # The index
//
// A JSON list, at most 4 MiB. Each entry is one version of one tmate:
//
//	[{
//	  "key": "gardener", "version": "1.2.0", "status": "published",
//	  "name": "Gardener", "description": "Knows when to water what.",
//	  "icon": "🌱", "category": "Home",
//	  "bundle_url": "gardener-1.2.0.tar.gz",
//	  "bundle_checksum": "SHA-256 of the bundle, 64 hexadecimal digits",
//	  "published_at": "2026-11-22T12:00:00Z"
//	}]
//
// key, version (semver.org) and either bundle_url with bundle_checksum or
// manifest are required. status is draft (the default), staged, published or
// retired: of each key the newest published version is offered. bundle_url may
// be relative to the index. A manifest, an object with the keys of a
// manifest.yaml, makes a tmate without a bundle. channel (dev or prod) limits an
// entry to servers on that channel. audience may hold organization_allowlist, a
// list of ids of the only organisations that see the tmate; so may the audience
// of the manifest. bundle_signature and signature_algorithm are shown and not
// checked. Other fields are refused. Where the entry and the manifest differ in
// name, description, icon or category, the entry wins.
//
// # A bundle
//
// A tar.gz with one folder, named by the key, that holds manifest.yaml and, if
// wanted, rules.yaml, prompts/ and assets/. Other files are left out. A bundle
// with a link, a device, a name that leads elsewhere, or beyond the bounds of
// this package is refused as a whole.
//
// # What it promises
//
// Nothing is fetched unasked, save the first index of a new catalog. A fetch
// that fails, and an entry that is wrong, leave what is there as it was. A tmate
// that is no longer offered stays for whoever employs it until they dismiss it.
// Nothing of a bundle is ever executed.
package catalog
