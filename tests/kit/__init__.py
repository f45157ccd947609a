"""What tests share: the cast of people, the browser, a fake bank, SMS centre and station, servers."""
