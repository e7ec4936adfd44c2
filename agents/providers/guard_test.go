package providers

import (
	"errors"
	"net/http"
	"testing"
)

// The client refuses forbidden addresses when it connects, so that a name cannot
// lead there. Nothing leaves this machine: the refusal comes before the first packet.
func TestGuardedClient(t *testing.T) {
	t.Parallel()
	client := guarded()
	client.Transport.(*http.Transport).Proxy = nil
	for _, url := range []string{
		"http://169.254.169.254/latest/meta-data", "http://169.254.0.1:11434", "http://[fe80::1%25lo]:1", "http://[fd00:ec2::254]", "http://224.0.0.1",
		"http://100.100.100.200", "http://192.0.0.192", "http://[fd20:ce::254]", "http://[::a9fe:a9fe]", "http://[64:ff9b::169.254.169.254]", "http://[2002:a9fe:a9fe::1]",
	} {
		res, err := client.Get(url)
		if err == nil {
			_ = res.Body.Close()
		}
		if !errors.Is(err, errForbidden) {
			t.Errorf("%s: %v", url, err)
		}
	}
}
