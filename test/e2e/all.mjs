// All tests, in this order: each finds what those before it have made.
import './setup.test.mjs';
import './page.test.mjs';
import './login.test.mjs';
import './access.test.mjs';
import './cycles.test.mjs';
import './enter.test.mjs';
import './import.test.mjs';
import './backups.test.mjs';
import './look.test.mjs';
