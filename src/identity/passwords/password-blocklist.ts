/** Passwords that attackers try first and that are long enough to pass a length rule, in lower case. */
export const guessedPasswords: ReadonlySet<string> = new Set(
  `password password1 password12 password123 password1234 password12345 passwordpassword password1password1
   passw0rd p@ssw0rd p@ssword pa$$word 12345678 123456789 1234567890 12345678910 123456789012345 1234567890123456
   0123456789 0987654321 9876543210 987654321 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc
   1qaz2wsx3edc4rfv qwertyui qwertyuiop qwertyuiopasdfgh qwertyuiopasdfghjkl qwertyuiopasdfghjklzxcvbnm qwerty123
   qwerty1234 qwerty12345 qwerty123456 asdfghjkl zxcvbnm123 abcdefgh abcdefghijklmno abcdefghijklmnop abcd1234
   abc12345 abcabcabcabcabc iloveyou iloveyou1 iloveyou2 iloveyouiloveyou iloveyousomuch iloveyouforever sunshine
   sunshine1 princess princess1 football football1 baseball baseball1 basketball superman superman1 spiderman
   batman123 pokemon123 starwars starwars1 trustno1 trustnoone whatever letmein1 letmeinletmein letmeinplease
   welcome1 welcome123 welcome1234 welcomehome welcometohell changeme changeme1 changeme123 changemeplease
   administrator administrator1 admin123 admin1234 admin12345 adminadmin adminadminadmin rootroot rootpassword
   default1 guestguest testtest testtesttesttest test1234 testpassword temporary temppassword temporarypassword
   mypassword mypassword1 mypassword123 thisismypassword thisisapassword passwordispassword nopassword
   correcthorsebatterystaple correct-horse-battery-staple michelle jennifer charlie1 jonathan samantha alexander
   elizabeth benjamin victoria liverpool liverpool1 manchester manchesterunited chelseafc1 arsenal123 barcelona
   realmadrid computer computer1 internet internet1 facebook facebook1 linkedin1 minecraft minecraft1 fortnite1
   dragon123 monkey123 shadow123 master123 ninja1234 killer123 hello123 hello1234 helloworld helloworld1
   hellohellohello summer2024 summer2025 summer2026 winter2024 winter2025 winter2026 spring2025 spring2026
   autumn2025 autumn2026 january2026 february2026 november2026 december2026 monday123 friday123 company123
   secret123 secretsecret supersecret supersecretpassword topsecret topsecretpassword security1 gatehouse
   gatehouse1 gatehouse123 gatehousepassword opensesame openthedoor 11111111 22222222 33333333 44444444 55555555
   66666666 77777777 88888888 99999999 00000000 11223344 112233445566 11112222 12121212 123123123 123123123123123
   123321123 147258369 159753456 741852963 789456123 aaaaaaaa asdfasdf asdfasdfasdfasdf asdf1234 zaq12wsx zaq1zaq1
   q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 qazwsxedc qazwsxedcrfv qazwsxedcrfvtgb qweasdzxc qweasdzxc123 qwe123qwe123`
    .split(/\s+/)
    .filter((word) => word !== ''),
);
