package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
)

// SignView returns the token of a link that lets whoever has it view a user's
// file until expires, in Unix seconds. The path is the file's own, not encoded.
func SignView(key []byte, userID, path string, expires int64) string {
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte(userID + ":" + path + ":" + strconv.FormatInt(expires, 10))) // a hash never fails
	return hex.EncodeToString(mac.Sum(nil))
}

// ValidView reports whether a token is the one of the link and not expired. It
// takes the same time however wrong the token is.
func ValidView(key []byte, userID, path string, expires int64, token string, now time.Time) bool {
	right := hmac.Equal([]byte(SignView(key, userID, path, expires)), []byte(token))
	return right && expires > now.Unix()
}
