package object

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"strings"

	"qmpmigrate/core/qom"
	"qmpmigrate/qapi"
)

// Secret is a text that others need: a password, a key.
type Secret struct {
	data  []byte
	given qapi.SecretProperties
}

// newSecret reads a secret, and decrypts it where it names a key. Callers hold mu.
func (r *Registry) newSecret(p *qapi.SecretProperties) (*Secret, error) {
	var input []byte
	switch {
	case p.File != nil && p.Data != nil:
		return nil, qapi.Errorf("'file' and 'data' are mutually exclusive")
	case p.File != nil:
		text, err := readFile(*p.File)
		if err != nil {
			return nil, qapi.Errorf("Unable to read %s: %s", *p.File, err)
		}
		input = text
	case p.Data != nil:
		input = []byte(*p.Data)
	default:
		return nil, qapi.Errorf("Either 'file' or 'data' must be provided")
	}
	var err error
	if otherwise(p.Format, qapi.QCryptoSecretFormatRaw) == qapi.QCryptoSecretFormatBase64 && p.Keyid == nil {
		input, err = decode64(string(input))
	}
	if p.Keyid != nil {
		input, err = r.decrypt(p, input)
	}
	if err != nil {
		return nil, err
	}
	return &Secret{data: input, given: *p}, nil
}

// decrypt takes the secret out of what was encrypted with AES-256 in CBC mode.
func (r *Registry) decrypt(p *qapi.SecretProperties, input []byte) ([]byte, error) {
	key, err := r.secret(*p.Keyid)
	switch {
	case err != nil:
		return nil, err
	case len(key) != 32:
		return nil, qapi.Errorf("Key should be 32 bytes in length")
	case p.Iv == nil:
		return nil, qapi.Errorf("IV is required to decrypt secret")
	}
	iv, err := decode64(*p.Iv)
	if err != nil {
		return nil, err
	}
	if len(iv) != aes.BlockSize {
		return nil, qapi.Errorf("IV should be 16 bytes in length not %d", len(iv))
	}
	if otherwise(p.Format, qapi.QCryptoSecretFormatRaw) == qapi.QCryptoSecretFormatBase64 {
		if input, err = decode64(string(input)); err != nil {
			return nil, err
		}
	}
	if len(input)%aes.BlockSize != 0 {
		return nil, qapi.Errorf("Length %d must be a multiple of block size 16", len(input))
	}
	if len(input) == 0 {
		return nil, nil
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	plain := make([]byte, len(input))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, input)
	padding := int(plain[len(plain)-1])
	if padding > aes.BlockSize {
		return nil, qapi.Errorf("Incorrect number of padding bytes (%d) found on decrypted data", padding)
	}
	return plain[:len(plain)-padding], nil
}

// secret is what the secret of that id holds. Callers hold mu.
func (r *Registry) secret(id string) ([]byte, error) {
	e := r.find(id)
	if e == nil {
		return nil, qapi.Errorf("No secret with id '%s'", id)
	}
	s, ok := e.object.(*Secret)
	if !ok {
		return nil, qapi.Errorf("Object with id '%s' is not a secret", id)
	}
	return s.data, nil
}

// decode64 takes blanks between the letters, and an end without its padding, as QEMU does.
func decode64(text string) ([]byte, error) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\n"
	if strings.Trim(text, letters) != "" || strings.ContainsFunc(text, func(c rune) bool {
		return !strings.ContainsRune(letters, c)
	}) {
		return nil, qapi.Errorf("Base64 data contains invalid characters")
	}
	text = strings.ReplaceAll(text, "\n", "")
	if i := strings.IndexByte(text, '='); i >= 0 {
		text = text[:i]
	}
	// Whole groups of letters count; what is left of one gives the bytes that it has.
	if len(text)%4 == 1 {
		text = text[:len(text)-1]
	}
	return base64.RawStdEncoding.DecodeString(text)
}

// Data is the secret itself.
func (s *Secret) Data() []byte { return bytes.Clone(s.data) }

// TypeName is secret.
func (s *Secret) TypeName() string { return "secret" }

// Properties are what was given.
func (s *Secret) Properties() []qom.Property {
	g := &s.given
	return []qom.Property{
		qom.Fixed("iv", "string", qom.Text(g.Iv)),
		qom.Fixed("keyid", "string", qom.Text(g.Keyid)),
		qom.Fixed("format", "QCryptoSecretFormat", string(otherwise(g.Format, qapi.QCryptoSecretFormatRaw))),
		qom.Fixed("file", "string", qom.Text(g.File)),
		qom.Fixed("data", "string", qom.Text(g.Data)),
	}
}

// Close does nothing.
func (s *Secret) Close() error { return nil }
