use super::*;

#[test]
fn only_the_internet_is_public() {
    for ip in [
        "93.184.216.34",
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.1",
        "172.32.0.1",
        "2606:4700::1111",
        "64:ff9b::808:808",
    ] {
        assert!(is_public(ip.parse().unwrap()), "{ip}");
    }
    for ip in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a00:1::",
        "3fff::1",
        "4000::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "5f00::1",
    ] {
        assert!(!is_public(ip.parse().unwrap()), "{ip}");
    }
}

#[test]
fn addresses_are_https_and_lead_to_the_internet() {
    let closed = Guard::new(&[]);
    for good in
        ["https://hooks.example.com/lockbox?tenant=1", "https://hooks.example.com:8443", "https://93.184.216.34/"]
    {
        assert!(closed.address(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "hooks.example.com",
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "https://user:secret@hooks.example.com/",
        "https://user@hooks.example.com/",
        "https://hooks.example.com/#x",
        "https://",
        "https://127.0.0.1/",
        "http://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest",
        "https://[::ffff:10.0.0.1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
    ] {
        assert!(closed.address(bad).is_err(), "{bad}");
    }
    let open = Guard::new(&Network::loopback());
    for good in ["http://127.0.0.1:9/x", "http://[::1]:9/x", "https://127.0.0.1/"] {
        assert!(open.address(good).is_ok(), "{good}");
    }
    assert!(open.address("https://10.0.0.1/").is_err() && open.address("http://hooks.example.com/").is_err());
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_followed() {
    let names = Names(Guard::new(&[]));
    let refused = names.resolve("localhost".parse().unwrap()).await.map(|_| ()).unwrap_err().to_string();
    assert!(refused.contains("is not a public address"), "{refused}");
    let names = Names(Guard::new(&Network::loopback()));
    assert!(names.resolve("localhost".parse().unwrap()).await.unwrap().count() > 0);
}

#[test]
fn the_signature_is_that_of_the_standard() {
    // The example of the Standard Webhooks libraries.
    let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let signed = sign(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}");
    assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    assert_eq!(sign(&Secret::new("MfKQ"), "a", 1, "{}"), None);
}
