package token

import (
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"sync"
)

// Keyring keeps the keys of model services in the file of the secrets. The process
// that holds the data folder has one; it may be used from any goroutine. The file is
// read each time: nothing that was changed by hand meanwhile is lost, comments aside.
type Keyring struct {
	mu   sync.Mutex
	path string
}

// OpenKeyring returns the keyring of a data folder whose secrets were loaded.
func OpenKeyring(dir string) *Keyring { return &Keyring{path: filepath.Join(dir, FileName)} }

// ProviderKeys returns all keys by provider.
func (k *Keyring) ProviderKeys() (map[string]string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	file, err := readSecrets(k.path)
	return file.Providers, err
}

// SetProviderKey keeps the key of a provider; an empty one is forgotten. The file
// is written only when that changes something.
func (k *Keyring) SetProviderKey(provider, key string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	file, err := readSecrets(k.path)
	if err != nil {
		return err
	}
	if file.Providers[provider] == key {
		return nil
	}
	keys := map[string]string{}
	maps.Copy(keys, file.Providers)
	if keys[provider] = key; key == "" {
		delete(keys, provider)
	}
	file.Providers = keys
	return file.write(k.path)
}

// Format implements [fmt.Formatter] for every verb.
func (k *Keyring) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, hidden) }

// LogValue implements [slog.LogValuer].
func (k *Keyring) LogValue() slog.Value { return slog.StringValue(hidden) }
