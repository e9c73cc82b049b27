"""The words that names are made of: products, brands, people, cities. All made up or generic; nobody is meant.

Does not belong here: anything drawn.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shelf:
    """A subcategory: its words, its price range in CNY, how it is used.

    days_of_use: how long a unit lasts for who buys it again and again (0: a durable). peak: day of the year on which
    most is asked for, swing: how much more than on average. size_risk, fault_risk: share of lines sent back.
    """

    category: str
    name: str
    nouns: tuple[tuple[str, str], ...]
    low: float
    high: float
    days_of_use: int = 0
    peak: int = 0
    swing: float = 0.0
    size_risk: float = 0.0
    fault_risk: float = 0.015


SHELVES = (
    Shelf("apparel", "t_shirts", (("短袖T恤", "T-Shirt"), ("长袖T恤", "Long-Sleeve Tee")), 49, 159, 0, 190, 0.5, 0.09),
    Shelf("apparel", "jackets", (("羽绒服", "Down Jacket"), ("风衣", "Trench Coat")), 199, 899, 0, 345, 0.7, 0.11),
    Shelf("apparel", "shoes", (("跑步鞋", "Running Shoes"), ("休闲鞋", "Sneakers")), 129, 599, 0, 110, 0.2, 0.13),
    Shelf(
        "apparel", "socks", (("棉袜五双装", "Cotton Socks, 5 Pairs"), ("运动袜", "Sports Socks")), 19, 69, 90, 320, 0.2
    ),
    Shelf("home", "bedding", (("四件套", "Bedding Set"), ("蚕丝被", "Silk Quilt")), 159, 899, 0, 300, 0.3),
    Shelf("home", "kitchenware", (("保温杯", "Vacuum Flask"), ("不粘锅", "Non-Stick Pan")), 59, 399, 0, 330, 0.2),
    Shelf("home", "storage", (("收纳箱", "Storage Box"), ("衣架二十只装", "Hangers, 20 Pieces")), 29, 129, 0, 60, 0.2),
    Shelf("food", "tea", (("龙井茶", "Longjing Tea"), ("普洱茶", "Pu'er Tea")), 39, 299, 28, 25, 0.5),
    Shelf("food", "coffee", (("咖啡豆", "Coffee Beans"), ("挂耳咖啡", "Drip Bags")), 39, 189, 21, 330, 0.1),
    Shelf("food", "nuts", (("混合坚果", "Mixed Nuts"), ("夏威夷果", "Macadamias")), 29, 159, 18, 20, 0.8),
    Shelf("food", "snacks", (("海苔", "Seaweed Crisps"), ("牛肉干", "Beef Jerky")), 15, 79, 14, 25, 0.4),
    Shelf("beauty", "skincare", (("保湿面霜", "Moisturiser"), ("防晒霜", "Sunscreen")), 69, 499, 42, 160, 0.3),
    Shelf("beauty", "make_up", (("口红", "Lipstick"), ("眼影盘", "Eyeshadow Palette")), 49, 329, 0, 130, 0.2),
    Shelf("beauty", "hair_care", (("洗发水", "Shampoo"), ("护发素", "Conditioner")), 29, 149, 35, 200, 0.1),
    Shelf(
        "electronics",
        "headphones",
        (("蓝牙耳机", "Earbuds"), ("头戴耳机", "Headphones")),
        99,
        1299,
        0,
        315,
        0.3,
        0,
        0.05,
    ),
    Shelf("electronics", "charging", (("充电宝", "Power Bank"), ("快充头", "Charger")), 39, 199, 0, 270, 0.1, 0, 0.04),
    Shelf(
        "electronics",
        "smart_home",
        (("智能灯泡", "Smart Bulb"), ("体脂秤", "Smart Scale")),
        59,
        299,
        0,
        310,
        0.2,
        0,
        0.05,
    ),
    Shelf("baby", "nappies", (("纸尿裤", "Nappies"), ("婴儿湿巾", "Baby Wipes")), 49, 199, 16, 0, 0.0, 0.03),
    Shelf("baby", "toys", (("积木", "Building Blocks"), ("毛绒玩具", "Plush Toy")), 39, 299, 0, 150, 0.4),
)
NOUN_COUNT = 2  # of every shelf
CATEGORIES = ("apparel", "home", "food", "beauty", "electronics", "baby")
BRANDS = (
    ("云栖", "Yunqi"), ("青禾", "Qinghe"), ("山岚", "Shanlan"), ("木辰", "Muchen"), ("南屿", "Nanyu"),
    ("初七", "Chuqi"),
    ("白鹿原野", "White Fawn"), ("北林", "Northgrove"), ("拾光", "Shiguang"), ("海盐", "Sea Salt Days"),
    ("简物", "Plainly"), ("鲸落", "Whalefall"),
)  # fmt: skip
QUALITIES = (
    ("经典", "Classic"), ("轻盈", "Light"), ("家庭装", "Family"), ("礼盒", "Gift Box"), ("升级款", "Mark II"),
    ("旅行", "Travel"), ("匠心", "Craft"),
)  # fmt: skip
VARIANTS = (("原色", "Natural"), ("墨黑", "Black"), ("月白", "White"), ("松绿", "Green"))
ECO = ("环保", "Eco")

SURNAMES = (
    ("王", "wang"), ("李", "li"), ("张", "zhang"), ("刘", "liu"), ("陈", "chen"), ("杨", "yang"), ("黄", "huang"),
    ("赵", "zhao"),
    ("周", "zhou"), ("吴", "wu"), ("徐", "xu"), ("孙", "sun"), ("欧阳", "ouyang"), ("林", "lin"), ("何", "he"),
    ("郭", "guo"),
)  # fmt: skip
GIVEN = (
    ("伟", "wei"), ("芳", "fang"), ("娜", "na"), ("敏", "min"), ("静", "jing"), ("磊", "lei"), ("洋", "yang"),
    ("艳", "yan"),
    ("子涵", "zihan"), ("雨桐", "yutong"), ("浩然", "haoran"), ("欣怡", "xinyi"), ("梓轩", "zixuan"), ("诗琪", "shiqi"),
    ("建国", "jianguo"), ("思远", "siyuan"), ("晓明", "xiaoming"), ("佳琪", "jiaqi"), ("一诺", "yinuo"),
    ("天佑", "tianyou"),
)  # fmt: skip
FAMILY_NAMES = (
    "Smith", "Jones", "Müller", "Brown", "O'Neill", "Garcia", "Wilson", "Schmidt", "Taylor", "Lee", "Clark", "Martin",
)  # fmt: skip
FIRST_NAMES = (
    "Emma", "Liam", "Olivia", "Noah", "Sophie", "Lucas", "Mia", "Ethan", "Anna", "Jack", "Chloé", "Oliver", "Grace",
    "Leo", "Ruby", "Max",
)  # fmt: skip
EMAIL_LATIN = {"Müller": "mueller", "O'Neill": "oneill", "Chloé": "chloe"}
# Looks like a mistake and is none: real systems hold such names.
LONG_NAME = "Wilhelmina Maximiliana Alexandrina of Upper and Lower Silverbrook-Featherstonehaugh"


@dataclass(frozen=True)
class City:
    """A city: share of the shop's customers (weights, not percent) and the location that serves it."""

    name: str
    country: str
    weight: float
    location: int


LOCATIONS = (
    ("SHA", "上海仓", "上海", 31.2304, 121.4737),
    ("CAN", "广州仓", "广州", 23.1291, 113.2644),
    ("CTU", "成都仓", "成都", 30.5728, 104.0668),
)
HOME_CITIES = (
    City("上海", "CN", 14, 0), City("北京", "CN", 11, 0), City("杭州", "CN", 8, 0), City("南京", "CN", 6, 0),
    City("苏州", "CN", 5, 0),
    City("广州", "CN", 9, 1), City("深圳", "CN", 10, 1), City("厦门", "CN", 4, 1), City("长沙", "CN", 4, 1),
    City("成都", "CN", 8, 2), City("重庆", "CN", 6, 2), City("西安", "CN", 5, 2), City("昆明", "CN", 3, 2),
    City("武汉", "CN", 6, 0),
)  # fmt: skip
FOREIGN_CITIES = (
    City("New York", "US", 5, 0), City("San Francisco", "US", 4, 0), City("London", "GB", 4, 0),
    City("Berlin", "DE", 2, 0),
    City("Sydney", "AU", 3, 1), City("Singapore", "SG", 5, 1), City("Toronto", "CA", 2, 0),
)  # fmt: skip
CITIES = HOME_CITIES + FOREIGN_CITIES
