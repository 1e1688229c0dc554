package object

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
)

// What GnuTLS says about files that it cannot use.
var (
	errBase64   = errors.New("Base64 unexpected header error.")
	errFile     = errors.New("Error while reading file.")
	errMismatch = errors.New("The certificate and the given key do not match.")
	errDecrypt  = errors.New("Decryption has failed.")
)

// certificates reads all certificates of a file.
func certificates(path string) ([]*x509.Certificate, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	var list []*x509.Certificate
	for len(list) < maxAuthorities {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		list = append(list, cert)
	}
	return list, nil
}

// keyPair reads a certificate and its key, which may be locked with a password.
func keyPair(certFile, keyFile string, password []byte) (*tls.Certificate, error) {
	cert, err := readFile(certFile)
	if err != nil {
		return nil, errFile
	}
	key, err := readFile(keyFile)
	if err != nil {
		return nil, errFile
	}
	block, _ := pem.Decode(key)
	if block == nil {
		return nil, errBase64
	}
	//nolint:staticcheck // The old way of locking a PEM file is weak, and still the one that tools write.
	if x509.IsEncryptedPEMBlock(block) {
		//nolint:staticcheck // as above
		plain, err := x509.DecryptPEMBlock(block, password)
		if err != nil {
			return nil, errDecrypt
		}
		key = pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: plain})
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, errMismatch
	}
	return &pair, nil
}
